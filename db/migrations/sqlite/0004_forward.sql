CREATE TABLE IF NOT EXISTS `delivery_attempt` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `workid` INTEGER NOT NULL DEFAULT 0,
  `target` TEXT NOT NULL,
  `identity` TEXT NOT NULL,
  `channel` TEXT NOT NULL DEFAULT '',
  `appid` TEXT NOT NULL DEFAULT '',
  `event` TEXT NOT NULL DEFAULT '',
  `atms` INTEGER NOT NULL,
  `durationms` INTEGER NOT NULL DEFAULT 0,
  `ok` INTEGER NOT NULL DEFAULT 0,
  `status` INTEGER NOT NULL DEFAULT 0,
  `error` TEXT NOT NULL DEFAULT '',
  `answer` TEXT NOT NULL,
  `cause` TEXT NOT NULL DEFAULT '',
  `attempt` INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX IF NOT EXISTS `attempt_identity` ON `delivery_attempt` (`identity`);

CREATE INDEX IF NOT EXISTS `attempt_target` ON `delivery_attempt` (`target`, `ok`, `atms`);

CREATE INDEX IF NOT EXISTS `attempt_atms` ON `delivery_attempt` (`atms`);

CREATE TABLE IF NOT EXISTS `forward_target` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `name` TEXT NOT NULL,
  `url` TEXT NOT NULL DEFAULT '',
  `port` INTEGER NOT NULL DEFAULT 0,
  `path` TEXT NOT NULL DEFAULT '',
  `format` TEXT NOT NULL DEFAULT 'raw',
  `timeoutms` INTEGER NOT NULL DEFAULT 0,
  `concurrency` INTEGER NOT NULL DEFAULT 0,
  `ratelimit` INTEGER NOT NULL DEFAULT 0,
  `ordered` INTEGER NOT NULL DEFAULT 0,
  `schedule` TEXT NOT NULL DEFAULT '',
  `pausems` INTEGER NOT NULL DEFAULT 0,
  `pausereason` TEXT NOT NULL DEFAULT '',
  `createms` INTEGER NOT NULL,
  `updatems` INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS `forward_secret` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `targetid` INTEGER NOT NULL,
  `secret` TEXT NOT NULL,
  `createms` INTEGER NOT NULL,
  `expirems` INTEGER NOT NULL DEFAULT 0
);

CREATE INDEX IF NOT EXISTS `forward_secret_target` ON `forward_secret` (`targetid`);

CREATE TABLE IF NOT EXISTS `forward_rule` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `name` TEXT NOT NULL,
  `position` INTEGER NOT NULL DEFAULT 0,
  `open` INTEGER NOT NULL DEFAULT 0,
  `mode` TEXT NOT NULL DEFAULT 'async',
  `stop` INTEGER NOT NULL DEFAULT 0,
  `conditions` TEXT NOT NULL,
  `targets` TEXT NOT NULL DEFAULT '',
  `createms` INTEGER NOT NULL,
  `updatems` INTEGER NOT NULL
);

CREATE INDEX IF NOT EXISTS `forward_rule_position` ON `forward_rule` (`position`, `id`);

CREATE TABLE IF NOT EXISTS `forward_stat` (
  `target` TEXT NOT NULL,
  `bucketms` INTEGER NOT NULL,
  `delivered` INTEGER NOT NULL DEFAULT 0,
  `failed` INTEGER NOT NULL DEFAULT 0,
  `durationms` INTEGER NOT NULL DEFAULT 0,
  `maxms` INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (`target`, `bucketms`)
);

CREATE INDEX IF NOT EXISTS `forward_stat_bucketms` ON `forward_stat` (`bucketms`);
