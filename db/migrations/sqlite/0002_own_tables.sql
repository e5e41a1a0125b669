CREATE TABLE IF NOT EXISTS `revision` (
  `name` TEXT NOT NULL,
  `value` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`name`)
);

INSERT OR IGNORE INTO `revision` (`name`, `value`) VALUES ('all', 0);

CREATE TABLE IF NOT EXISTS `push_identity` (
  `dedupkey` TEXT NOT NULL,
  `atms` INTEGER NOT NULL,
  PRIMARY KEY (`dedupkey`)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS `push_stat` (
  `channel` INTEGER NOT NULL,
  `kind` TEXT NOT NULL,
  `bucketms` INTEGER NOT NULL,
  `n` INTEGER NOT NULL,
  PRIMARY KEY (`channel`, `kind`, `bucketms`)
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS `push_stat_bucketms` ON `push_stat` (`bucketms`);

CREATE TABLE IF NOT EXISTS `work` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `kind` TEXT NOT NULL,
  `ukey` TEXT NULL,
  `wkey` TEXT NULL,
  `grp` TEXT NOT NULL DEFAULT '',
  `payload` TEXT NOT NULL,
  `state` INTEGER NOT NULL DEFAULT 0,
  `attempt` INTEGER NOT NULL DEFAULT 0,
  `nextms` INTEGER NOT NULL DEFAULT 0,
  `owner` TEXT NOT NULL DEFAULT '',
  `taking` TEXT NOT NULL DEFAULT '',
  `fence` INTEGER NOT NULL DEFAULT 0,
  `progress` TEXT NULL,
  `lasterror` TEXT NOT NULL DEFAULT '',
  `createms` INTEGER NOT NULL,
  `updatems` INTEGER NOT NULL,
  UNIQUE (`ukey`)
);

CREATE INDEX IF NOT EXISTS `work_wkey` ON `work` (`wkey`);

CREATE INDEX IF NOT EXISTS `work_take` ON `work` (`kind`, `state`, `nextms`);

CREATE INDEX IF NOT EXISTS `work_list` ON `work` (`kind`, `state`, `id`);

CREATE INDEX IF NOT EXISTS `work_grp` ON `work` (`grp`, `state`, `id`);

CREATE TABLE IF NOT EXISTS `authorizer_detail` (
  `appid` TEXT NOT NULL,
  `details` TEXT NOT NULL,
  PRIMARY KEY (`appid`)
);

CREATE TABLE IF NOT EXISTS `authorizer_history` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `appid` TEXT NOT NULL,
  `atms` INTEGER NOT NULL,
  `kind` TEXT NOT NULL,
  `detail` TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS `authorizer_history_history_appid` ON `authorizer_history` (`appid`, `atms`);

CREATE TABLE IF NOT EXISTS `weapp` (
  `appid` TEXT NOT NULL,
  `visitstatus` INTEGER NOT NULL DEFAULT 0,
  `releaseversion` TEXT NOT NULL DEFAULT '',
  `releasedesc` TEXT NOT NULL DEFAULT '',
  `releasems` INTEGER NOT NULL DEFAULT 0,
  `expversion` TEXT NOT NULL DEFAULT '',
  `expdesc` TEXT NOT NULL DEFAULT '',
  `expms` INTEGER NOT NULL DEFAULT 0,
  `auditid` INTEGER NOT NULL DEFAULT 0,
  `auditstatus` INTEGER NOT NULL DEFAULT -1,
  `auditreason` TEXT NULL,
  `auditscreenshot` TEXT NULL,
  `auditversion` TEXT NOT NULL DEFAULT '',
  `auditdesc` TEXT NOT NULL DEFAULT '',
  `submitms` INTEGER NOT NULL DEFAULT 0,
  `auditms` INTEGER NOT NULL DEFAULT 0,
  `privacystate` INTEGER NOT NULL DEFAULT 0,
  `refreshms` INTEGER NOT NULL DEFAULT 0,
  `errcode` INTEGER NOT NULL DEFAULT 0,
  `errmsg` TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (`appid`)
);

CREATE INDEX IF NOT EXISTS `weapp_auditstatus` ON `weapp` (`auditstatus`);

CREATE INDEX IF NOT EXISTS `weapp_refreshms` ON `weapp` (`refreshms`);

CREATE TABLE IF NOT EXISTS `auth_link` (
  `id` TEXT NOT NULL,
  `name` TEXT NOT NULL DEFAULT '',
  `state` TEXT NOT NULL DEFAULT '',
  `redirecturl` TEXT NOT NULL DEFAULT '',
  `authtype` INTEGER NOT NULL DEFAULT 0,
  `bizappid` TEXT NOT NULL DEFAULT '',
  `categoryids` TEXT NOT NULL DEFAULT '',
  `createms` INTEGER NOT NULL,
  `expirems` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`)
);

CREATE INDEX IF NOT EXISTS `auth_link_createms` ON `auth_link` (`createms`);

CREATE TABLE IF NOT EXISTS `auth_visit` (
  `id` TEXT NOT NULL,
  `linkid` TEXT NOT NULL DEFAULT '',
  `preauthhash` TEXT NOT NULL,
  `state` TEXT NOT NULL DEFAULT '',
  `redirecturl` TEXT NOT NULL DEFAULT '',
  `createms` INTEGER NOT NULL,
  `expirems` INTEGER NOT NULL,
  PRIMARY KEY (`id`)
);

CREATE INDEX IF NOT EXISTS `auth_visit_preauthhash` ON `auth_visit` (`preauthhash`);

CREATE INDEX IF NOT EXISTS `auth_visit_expirems` ON `auth_visit` (`expirems`);

CREATE TABLE IF NOT EXISTS `audit_trail` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `atms` INTEGER NOT NULL,
  `username` TEXT NOT NULL DEFAULT '',
  `address` TEXT NOT NULL DEFAULT '',
  `action` TEXT NOT NULL,
  `object` TEXT NOT NULL DEFAULT '',
  `result` TEXT NOT NULL DEFAULT '',
  `requestid` TEXT NOT NULL DEFAULT '',
  `detail` TEXT NOT NULL
);

CREATE INDEX IF NOT EXISTS `audit_atms` ON `audit_trail` (`atms`);

CREATE INDEX IF NOT EXISTS `audit_username` ON `audit_trail` (`username`, `atms`);

CREATE INDEX IF NOT EXISTS `audit_action` ON `audit_trail` (`action`, `atms`);

CREATE INDEX IF NOT EXISTS `audit_object` ON `audit_trail` (`object`, `atms`);
