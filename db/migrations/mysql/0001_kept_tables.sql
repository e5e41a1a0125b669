CREATE TABLE IF NOT EXISTS `wxcallback_component` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  `receivetime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `createtime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `infotype` VARCHAR(64) NOT NULL DEFAULT '',
  `postbody` MEDIUMTEXT NOT NULL,
  `fullbody` MEDIUMTEXT NULL,
  PRIMARY KEY (`id`),
  KEY `receivetime` (`receivetime`),
  KEY `infotype_time` (`infotype`, `receivetime`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `wxcallback_biz` (
  `id` BIGINT UNSIGNED NOT NULL AUTO_INCREMENT,
  `receivetime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `createtime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `tousername` VARCHAR(64) NOT NULL DEFAULT '',
  `appid` VARCHAR(64) NOT NULL DEFAULT '',
  `msgtype` VARCHAR(64) NOT NULL DEFAULT '',
  `event` VARCHAR(64) NOT NULL DEFAULT '',
  `postbody` MEDIUMTEXT NOT NULL,
  `fullbody` MEDIUMTEXT NULL,
  PRIMARY KEY (`id`),
  KEY `receivetime` (`receivetime`),
  KEY `appid_time` (`appid`, `receivetime`, `id`, `msgtype`, `event`),
  KEY `msgtype_time` (`msgtype`, `receivetime`),
  KEY `event_time` (`event`, `receivetime`, `id`, `msgtype`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `comm` (
  `key` VARCHAR(64) NOT NULL,
  `value` MEDIUMTEXT NOT NULL,
  `createtime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `updatetime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `user` (
  `id` INT NOT NULL AUTO_INCREMENT,
  `username` VARCHAR(32) NOT NULL,
  `password` VARCHAR(64) NOT NULL,
  `epoch` INT NOT NULL DEFAULT 0,
  `createtime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `updatetime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`id`),
  UNIQUE KEY `user_username_uindex` (`username`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `authorizers` (
  `id` INT NOT NULL AUTO_INCREMENT,
  `appid` VARCHAR(32) NOT NULL,
  `apptype` INT NOT NULL DEFAULT 0,
  `servicetype` INT NOT NULL DEFAULT 0,
  `nickname` VARCHAR(191) NOT NULL DEFAULT '',
  `username` VARCHAR(32) NOT NULL DEFAULT '',
  `headimg` VARCHAR(512) NOT NULL DEFAULT '',
  `qrcodeurl` VARCHAR(512) NOT NULL DEFAULT '',
  `principalname` VARCHAR(191) NOT NULL DEFAULT '',
  `refreshtoken` TEXT NULL,
  `funcinfo` TEXT NULL,
  `verifyinfo` INT NOT NULL DEFAULT -1,
  `authtime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `updatetime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  `status` TINYINT NOT NULL DEFAULT 1,
  `statusms` BIGINT NOT NULL DEFAULT 0,
  `eventms` BIGINT NOT NULL DEFAULT 0,
  `detailsms` BIGINT NOT NULL DEFAULT 0,
  `registertype` INT NOT NULL DEFAULT 0,
  `accountstatus` INT NOT NULL DEFAULT 0,
  `basicconfig` TEXT NULL,
  `bindstate` VARCHAR(191) NOT NULL DEFAULT '',
  `istest` TINYINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  UNIQUE KEY `authorizers_appid_uindex` (`appid`),
  KEY `status_search` (`status`, `authtime`, `id`, `apptype`, `istest`, `appid`, `nickname`, `principalname`),
  KEY `status_detailsms` (`status`, `detailsms`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `wxcallback_rules` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT,
  `name` VARCHAR(64) NOT NULL DEFAULT '',
  `infotype` VARCHAR(64) NOT NULL DEFAULT '',
  `msgtype` VARCHAR(64) NOT NULL DEFAULT '',
  `event` VARCHAR(64) NOT NULL DEFAULT '',
  `type` INT NOT NULL DEFAULT 0,
  `open` INT NOT NULL DEFAULT 0,
  `info` TEXT NOT NULL,
  `secret` TEXT NULL,
  `createtime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `updatetime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`id`),
  UNIQUE KEY `wxcallback_rules_uindex` (`infotype`, `msgtype`, `event`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `wxtoken` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT,
  `type` INT NOT NULL DEFAULT 0,
  `appid` VARCHAR(128) NOT NULL DEFAULT '',
  `token` TEXT NOT NULL,
  `expiretime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `lifetime` INT NOT NULL DEFAULT 0,
  `createtime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `updatetime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`id`),
  UNIQUE KEY `appid_uindex` (`appid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `counter` (
  `id` INT UNSIGNED NOT NULL AUTO_INCREMENT,
  `key` VARCHAR(64) NOT NULL,
  `value` INT NOT NULL DEFAULT 0,
  `createtime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `updatetime` TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (`id`),
  UNIQUE KEY `counter_key_uindex` (`key`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
