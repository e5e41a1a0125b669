CREATE TABLE IF NOT EXISTS `account_tag` (
  `appid` VARCHAR(32) NOT NULL,
  `tag` VARCHAR(32) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  PRIMARY KEY (`appid`, `tag`),
  KEY `account_tag_tag` (`tag`, `appid`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
