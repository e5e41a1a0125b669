CREATE TABLE IF NOT EXISTS `account_push` (
  `appid` TEXT NOT NULL,
  `receivetime` TIMESTAMP NOT NULL,
  `id` INTEGER NOT NULL,
  `msgtype` TEXT NOT NULL,
  `event` TEXT NOT NULL,
  PRIMARY KEY (`appid`, `receivetime`, `id`)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS `account_push_upto` (
  `one` INTEGER PRIMARY KEY CHECK (`one` = 1),
  `id` INTEGER NOT NULL
);

INSERT OR IGNORE INTO `account_push`
  SELECT `appid`, `receivetime`, `id`, `msgtype`, `event` FROM `wxcallback_biz` ORDER BY `appid`, `receivetime`, `id`;

INSERT OR REPLACE INTO `account_push_upto` SELECT 1, COALESCE(MAX(`id`), 0) FROM `wxcallback_biz`;

CREATE VIEW IF NOT EXISTS `biz_of_account` AS
  SELECT `appid`, `receivetime`, `id`, `msgtype`, `event` FROM `account_push`
  UNION ALL
  SELECT `appid`, `receivetime`, `id`, `msgtype`, `event` FROM `wxcallback_biz` NOT INDEXED
    WHERE `id` > (SELECT `id` FROM `account_push_upto`);

CREATE TRIGGER IF NOT EXISTS `biz_delete` AFTER DELETE ON `wxcallback_biz` BEGIN
  DELETE FROM `account_push` WHERE `appid` = OLD.`appid` AND `receivetime` = OLD.`receivetime` AND `id` = OLD.`id`; END;

DROP INDEX IF EXISTS `biz_appid_time`;
