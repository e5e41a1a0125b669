CREATE TABLE IF NOT EXISTS `revision` (
  `name` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `value` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

INSERT IGNORE INTO `revision` (`name`, `value`) VALUES ('all', 0);

CREATE TABLE IF NOT EXISTS `push_identity` (
  `dedupkey` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `atms` BIGINT NOT NULL,
  PRIMARY KEY (`dedupkey`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `push_stat` (
  `channel` TINYINT NOT NULL,
  `kind` VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `bucketms` BIGINT NOT NULL,
  `n` BIGINT NOT NULL,
  PRIMARY KEY (`channel`, `kind`, `bucketms`),
  KEY `bucketms` (`bucketms`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `work` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `kind` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `ukey` VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `wkey` VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `grp` VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  `payload` MEDIUMTEXT NOT NULL,
  `state` TINYINT NOT NULL DEFAULT 0,
  `attempt` INT NOT NULL DEFAULT 0,
  `nextms` BIGINT NOT NULL DEFAULT 0,
  `owner` VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  `taking` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT '',
  `fence` BIGINT NOT NULL DEFAULT 0,
  `progress` TEXT NULL,
  `lasterror` VARCHAR(1000) NOT NULL DEFAULT '',
  `createms` BIGINT NOT NULL,
  `updatems` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `work_ukey` (`ukey`),
  KEY `work_wkey` (`wkey`),
  KEY `work_take` (`kind`, `state`, `nextms`),
  KEY `work_list` (`kind`, `state`, `id`),
  KEY `work_grp` (`grp`, `state`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `authorizer_detail` (
  `appid` VARCHAR(32) NOT NULL,
  `details` MEDIUMTEXT NOT NULL,
  PRIMARY KEY (`appid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `authorizer_history` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `appid` VARCHAR(32) NOT NULL,
  `atms` BIGINT NOT NULL,
  `kind` VARCHAR(32) NOT NULL,
  `detail` TEXT NOT NULL,
  PRIMARY KEY (`id`),
  KEY `history_appid` (`appid`, `atms`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `weapp` (
  `appid` VARCHAR(32) NOT NULL,
  `visitstatus` INT NOT NULL DEFAULT 0,
  `releaseversion` VARCHAR(191) NOT NULL DEFAULT '',
  `releasedesc` VARCHAR(2000) NOT NULL DEFAULT '',
  `releasems` BIGINT NOT NULL DEFAULT 0,
  `expversion` VARCHAR(191) NOT NULL DEFAULT '',
  `expdesc` VARCHAR(2000) NOT NULL DEFAULT '',
  `expms` BIGINT NOT NULL DEFAULT 0,
  `auditid` BIGINT NOT NULL DEFAULT 0,
  `auditstatus` INT NOT NULL DEFAULT -1,
  `auditreason` TEXT NULL,
  `auditscreenshot` TEXT NULL,
  `auditversion` VARCHAR(191) NOT NULL DEFAULT '',
  `auditdesc` VARCHAR(2000) NOT NULL DEFAULT '',
  `submitms` BIGINT NOT NULL DEFAULT 0,
  `auditms` BIGINT NOT NULL DEFAULT 0,
  `privacystate` INT NOT NULL DEFAULT 0,
  `refreshms` BIGINT NOT NULL DEFAULT 0,
  `errcode` INT NOT NULL DEFAULT 0,
  `errmsg` VARCHAR(1000) NOT NULL DEFAULT '',
  PRIMARY KEY (`appid`),
  KEY `weapp_auditstatus` (`auditstatus`),
  KEY `weapp_refreshms` (`refreshms`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `auth_link` (
  `id` VARCHAR(64) NOT NULL,
  `name` VARCHAR(191) NOT NULL DEFAULT '',
  `state` VARCHAR(191) NOT NULL DEFAULT '',
  `redirecturl` VARCHAR(2000) NOT NULL DEFAULT '',
  `authtype` INT NOT NULL DEFAULT 0,
  `bizappid` VARCHAR(32) NOT NULL DEFAULT '',
  `categoryids` VARCHAR(2000) NOT NULL DEFAULT '',
  `createms` BIGINT NOT NULL,
  `expirems` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  KEY `auth_link_createms` (`createms`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `auth_visit` (
  `id` VARCHAR(64) NOT NULL,
  `linkid` VARCHAR(64) NOT NULL DEFAULT '',
  `preauthhash` VARCHAR(64) NOT NULL,
  `state` VARCHAR(191) NOT NULL DEFAULT '',
  `redirecturl` VARCHAR(2000) NOT NULL DEFAULT '',
  `createms` BIGINT NOT NULL,
  `expirems` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  KEY `auth_visit_preauthhash` (`preauthhash`),
  KEY `auth_visit_expirems` (`expirems`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `audit_trail` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `atms` BIGINT NOT NULL,
  `username` VARCHAR(64) NOT NULL DEFAULT '',
  `address` VARCHAR(64) NOT NULL DEFAULT '',
  `action` VARCHAR(64) NOT NULL,
  `object` VARCHAR(191) NOT NULL DEFAULT '',
  `result` VARCHAR(32) NOT NULL DEFAULT '',
  `requestid` VARCHAR(64) NOT NULL DEFAULT '',
  `detail` TEXT NOT NULL,
  PRIMARY KEY (`id`),
  KEY `audit_atms` (`atms`),
  KEY `audit_username` (`username`, `atms`),
  KEY `audit_action` (`action`, `atms`),
  KEY `audit_object` (`object`, `atms`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
