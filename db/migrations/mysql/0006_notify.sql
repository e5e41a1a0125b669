CREATE TABLE IF NOT EXISTS `notify_channel` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `name` VARCHAR(64) NOT NULL,
  `kind` VARCHAR(16) NOT NULL,
  `url` TEXT NOT NULL,
  `secret` TEXT NOT NULL,
  `language` VARCHAR(8) NOT NULL DEFAULT 'zh',
  `events` VARCHAR(1000) NOT NULL DEFAULT '',
  `enabled` TINYINT NOT NULL DEFAULT 0,
  `lastms` BIGINT NOT NULL DEFAULT 0,
  `lastok` TINYINT NOT NULL DEFAULT 0,
  `lasterror` VARCHAR(500) NOT NULL DEFAULT '',
  `createms` BIGINT NOT NULL,
  `updatems` BIGINT NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `notify_item` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `channelid` BIGINT NOT NULL,
  `ekey` VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `payload` TEXT NOT NULL,
  `state` TINYINT NOT NULL DEFAULT 0,
  `createms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `notify_item_event` (`channelid`, `ekey`),
  KEY `notify_item_state` (`state`, `channelid`, `id`),
  KEY `notify_item_createms` (`createms`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `notify_message` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `channelid` BIGINT NOT NULL,
  `workid` BIGINT NOT NULL DEFAULT 0,
  `state` TINYINT NOT NULL DEFAULT 0,
  `test` TINYINT NOT NULL DEFAULT 0,
  `events` INT NOT NULL DEFAULT 0,
  `title` VARCHAR(191) NOT NULL DEFAULT '',
  `body` TEXT NOT NULL,
  `error` VARCHAR(500) NOT NULL DEFAULT '',
  `attempt` INT NOT NULL DEFAULT 0,
  `createms` BIGINT NOT NULL,
  `updatems` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  KEY `notify_message_work` (`workid`, `state`),
  KEY `notify_message_channel` (`channelid`),
  KEY `notify_message_updatems` (`updatems`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `notify_state` (
  `name` VARCHAR(96) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `sincems` BIGINT NOT NULL,
  `seenms` BIGINT NOT NULL,
  `toldms` BIGINT NOT NULL DEFAULT 0,
  `pausedms` BIGINT NOT NULL DEFAULT 0,
  `wellms` BIGINT NOT NULL DEFAULT 0,
  `subject` VARCHAR(191) NOT NULL DEFAULT '',
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
