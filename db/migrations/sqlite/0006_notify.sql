CREATE TABLE IF NOT EXISTS `notify_channel` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `name` TEXT NOT NULL,
  `kind` TEXT NOT NULL,
  `url` TEXT NOT NULL,
  `secret` TEXT NOT NULL,
  `language` TEXT NOT NULL DEFAULT 'zh',
  `events` TEXT NOT NULL DEFAULT '',
  `enabled` INTEGER NOT NULL DEFAULT 0,
  `lastms` INTEGER NOT NULL DEFAULT 0,
  `lastok` INTEGER NOT NULL DEFAULT 0,
  `lasterror` TEXT NOT NULL DEFAULT '',
  `createms` INTEGER NOT NULL,
  `updatems` INTEGER NOT NULL
);

CREATE TABLE IF NOT EXISTS `notify_item` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `channelid` INTEGER NOT NULL,
  `ekey` TEXT NOT NULL,
  `payload` TEXT NOT NULL,
  `state` INTEGER NOT NULL DEFAULT 0,
  `createms` INTEGER NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS `notify_item_event` ON `notify_item` (`channelid`, `ekey`);

CREATE INDEX IF NOT EXISTS `notify_item_state` ON `notify_item` (`state`, `channelid`, `id`);

CREATE INDEX IF NOT EXISTS `notify_item_createms` ON `notify_item` (`createms`);

CREATE TABLE IF NOT EXISTS `notify_message` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `channelid` INTEGER NOT NULL,
  `workid` INTEGER NOT NULL DEFAULT 0,
  `state` INTEGER NOT NULL DEFAULT 0,
  `test` INTEGER NOT NULL DEFAULT 0,
  `events` INTEGER NOT NULL DEFAULT 0,
  `title` TEXT NOT NULL DEFAULT '',
  `body` TEXT NOT NULL,
  `error` TEXT NOT NULL DEFAULT '',
  `attempt` INTEGER NOT NULL DEFAULT 0,
  `createms` INTEGER NOT NULL,
  `updatems` INTEGER NOT NULL
);

CREATE INDEX IF NOT EXISTS `notify_message_work` ON `notify_message` (`workid`, `state`);

CREATE INDEX IF NOT EXISTS `notify_message_channel` ON `notify_message` (`channelid`);

CREATE INDEX IF NOT EXISTS `notify_message_updatems` ON `notify_message` (`updatems`);

CREATE TABLE IF NOT EXISTS `notify_state` (
  `name` TEXT NOT NULL,
  `sincems` INTEGER NOT NULL,
  `seenms` INTEGER NOT NULL,
  `toldms` INTEGER NOT NULL DEFAULT 0,
  `pausedms` INTEGER NOT NULL DEFAULT 0,
  `wellms` INTEGER NOT NULL DEFAULT 0,
  `subject` TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (`name`)
);
