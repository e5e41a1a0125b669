CREATE TABLE IF NOT EXISTS `wxcallback_component` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `receivetime` TIMESTAMP NOT NULL,
  `createtime` TIMESTAMP NOT NULL,
  `infotype` TEXT NOT NULL DEFAULT '',
  `postbody` TEXT NOT NULL,
  `fullbody` TEXT NULL
);

CREATE INDEX IF NOT EXISTS `component_receivetime` ON `wxcallback_component` (`receivetime`);

CREATE INDEX IF NOT EXISTS `component_infotype_time` ON `wxcallback_component` (`infotype`, `receivetime`);

CREATE TABLE IF NOT EXISTS `wxcallback_biz` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `receivetime` TIMESTAMP NOT NULL,
  `createtime` TIMESTAMP NOT NULL,
  `tousername` TEXT NOT NULL DEFAULT '',
  `appid` TEXT NOT NULL DEFAULT '',
  `msgtype` TEXT NOT NULL DEFAULT '',
  `event` TEXT NOT NULL DEFAULT '',
  `postbody` TEXT NOT NULL,
  `fullbody` TEXT NULL
);

CREATE INDEX IF NOT EXISTS `biz_receivetime` ON `wxcallback_biz` (`receivetime`);

CREATE INDEX IF NOT EXISTS `biz_appid_time` ON `wxcallback_biz` (`appid`, `receivetime`, `id`, `msgtype`, `event`);

CREATE INDEX IF NOT EXISTS `biz_msgtype_time` ON `wxcallback_biz` (`msgtype`, `receivetime`);

CREATE INDEX IF NOT EXISTS `biz_event_time` ON `wxcallback_biz` (`event`, `receivetime`, `id`, `msgtype`);

CREATE TABLE IF NOT EXISTS `comm` (
  `key` TEXT NOT NULL,
  `value` TEXT NOT NULL,
  `createtime` TIMESTAMP NOT NULL,
  `updatetime` TIMESTAMP NOT NULL,
  PRIMARY KEY (`key`)
);

CREATE TABLE IF NOT EXISTS `user` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `username` TEXT NOT NULL,
  `password` TEXT NOT NULL,
  `epoch` INTEGER NOT NULL DEFAULT 0,
  `createtime` TIMESTAMP NOT NULL,
  `updatetime` TIMESTAMP NOT NULL,
  UNIQUE (`username`)
);

CREATE TABLE IF NOT EXISTS `authorizers` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `appid` TEXT NOT NULL,
  `apptype` INTEGER NOT NULL DEFAULT 0,
  `servicetype` INTEGER NOT NULL DEFAULT 0,
  `nickname` TEXT NOT NULL DEFAULT '',
  `username` TEXT NOT NULL DEFAULT '',
  `headimg` TEXT NOT NULL DEFAULT '',
  `qrcodeurl` TEXT NOT NULL DEFAULT '',
  `principalname` TEXT NOT NULL DEFAULT '',
  `refreshtoken` TEXT NULL,
  `funcinfo` TEXT NULL,
  `verifyinfo` INTEGER NOT NULL DEFAULT -1,
  `authtime` TIMESTAMP NOT NULL,
  `updatetime` TIMESTAMP NOT NULL,
  `status` INTEGER NOT NULL DEFAULT 1,
  `statusms` INTEGER NOT NULL DEFAULT 0,
  `eventms` INTEGER NOT NULL DEFAULT 0,
  `detailsms` INTEGER NOT NULL DEFAULT 0,
  `registertype` INTEGER NOT NULL DEFAULT 0,
  `accountstatus` INTEGER NOT NULL DEFAULT 0,
  `basicconfig` TEXT NULL,
  `bindstate` TEXT NOT NULL DEFAULT '',
  `istest` INTEGER NOT NULL DEFAULT 0,
  UNIQUE (`appid`)
);

CREATE INDEX IF NOT EXISTS `authorizers_status_search` ON `authorizers` (`status`, `authtime`, `id`, `apptype`, `istest`, `appid`, `nickname`, `principalname`);

CREATE INDEX IF NOT EXISTS `authorizers_status_detailsms` ON `authorizers` (`status`, `detailsms`);

CREATE TABLE IF NOT EXISTS `wxcallback_rules` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `name` TEXT NOT NULL DEFAULT '',
  `infotype` TEXT NOT NULL DEFAULT '',
  `msgtype` TEXT NOT NULL DEFAULT '',
  `event` TEXT NOT NULL DEFAULT '',
  `type` INTEGER NOT NULL DEFAULT 0,
  `open` INTEGER NOT NULL DEFAULT 0,
  `info` TEXT NOT NULL,
  `secret` TEXT NULL,
  `createtime` TIMESTAMP NOT NULL,
  `updatetime` TIMESTAMP NOT NULL,
  UNIQUE (`infotype`, `msgtype`, `event`)
);

CREATE TABLE IF NOT EXISTS `wxtoken` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `type` INTEGER NOT NULL DEFAULT 0,
  `appid` TEXT NOT NULL DEFAULT '',
  `token` TEXT NOT NULL,
  `expiretime` TIMESTAMP NOT NULL,
  `lifetime` INTEGER NOT NULL DEFAULT 0,
  `createtime` TIMESTAMP NOT NULL,
  `updatetime` TIMESTAMP NOT NULL,
  UNIQUE (`appid`)
);

CREATE TABLE IF NOT EXISTS `counter` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `key` TEXT NOT NULL,
  `value` INTEGER NOT NULL DEFAULT 0,
  `createtime` TIMESTAMP NOT NULL,
  `updatetime` TIMESTAMP NOT NULL,
  UNIQUE (`key`)
);
