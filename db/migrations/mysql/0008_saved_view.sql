CREATE TABLE IF NOT EXISTS `saved_view` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `userid` INT NOT NULL,
  `page` VARCHAR(32) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `name` VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `query` VARCHAR(2000) NOT NULL DEFAULT '',
  `createms` BIGINT NOT NULL,
  `updatems` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `saved_view_name` (`userid`, `page`, `name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
