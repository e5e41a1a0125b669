CREATE TABLE IF NOT EXISTS `account_tag` (
  `appid` TEXT NOT NULL,
  `tag` TEXT NOT NULL,
  PRIMARY KEY (`appid`, `tag`)
);

CREATE INDEX IF NOT EXISTS `account_tag_tag` ON `account_tag` (`tag`, `appid`);
