CREATE TABLE IF NOT EXISTS `delivery_attempt` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `workid` BIGINT NOT NULL DEFAULT 0,
  `target` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `identity` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `channel` VARCHAR(16) NOT NULL DEFAULT '',
  `appid` VARCHAR(64) NOT NULL DEFAULT '',
  `event` VARCHAR(64) NOT NULL DEFAULT '',
  `atms` BIGINT NOT NULL,
  `durationms` BIGINT NOT NULL DEFAULT 0,
  `ok` TINYINT NOT NULL DEFAULT 0,
  `status` INT NOT NULL DEFAULT 0,
  `error` VARCHAR(500) NOT NULL DEFAULT '',
  `answer` TEXT NOT NULL,
  `cause` VARCHAR(16) NOT NULL DEFAULT '',
  `attempt` INT NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  KEY `attempt_identity` (`identity`),
  KEY `attempt_target` (`target`, `ok`, `atms`),
  KEY `attempt_atms` (`atms`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `forward_target` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `name` VARCHAR(64) NOT NULL,
  `url` VARCHAR(2000) NOT NULL DEFAULT '',
  `port` INT NOT NULL DEFAULT 0,
  `path` VARCHAR(2000) NOT NULL DEFAULT '',
  `format` VARCHAR(8) NOT NULL DEFAULT 'raw',
  `timeoutms` INT NOT NULL DEFAULT 0,
  `concurrency` INT NOT NULL DEFAULT 0,
  `ratelimit` INT NOT NULL DEFAULT 0,
  `ordered` TINYINT NOT NULL DEFAULT 0,
  `schedule` VARCHAR(500) NOT NULL DEFAULT '',
  `pausems` BIGINT NOT NULL DEFAULT 0,
  `pausereason` VARCHAR(191) NOT NULL DEFAULT '',
  `createms` BIGINT NOT NULL,
  `updatems` BIGINT NOT NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `forward_secret` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `targetid` BIGINT NOT NULL,
  `secret` TEXT NOT NULL,
  `createms` BIGINT NOT NULL,
  `expirems` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`),
  KEY `forward_secret_target` (`targetid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `forward_rule` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `name` VARCHAR(64) NOT NULL,
  `position` INT NOT NULL DEFAULT 0,
  `open` TINYINT NOT NULL DEFAULT 0,
  `mode` VARCHAR(8) NOT NULL DEFAULT 'async',
  `stop` TINYINT NOT NULL DEFAULT 0,
  `conditions` TEXT NOT NULL,
  `targets` VARCHAR(2000) NOT NULL DEFAULT '',
  `createms` BIGINT NOT NULL,
  `updatems` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  KEY `forward_rule_position` (`position`, `id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

CREATE TABLE IF NOT EXISTS `forward_stat` (
  `target` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `bucketms` BIGINT NOT NULL,
  `delivered` BIGINT NOT NULL DEFAULT 0,
  `failed` BIGINT NOT NULL DEFAULT 0,
  `durationms` BIGINT NOT NULL DEFAULT 0,
  `maxms` BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (`target`, `bucketms`),
  KEY `forward_stat_bucketms` (`bucketms`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
