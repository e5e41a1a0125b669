CREATE TABLE IF NOT EXISTS `release_check` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `pushkey` VARCHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `step` VARCHAR(16) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `appid` VARCHAR(64) NOT NULL DEFAULT '',
  `atms` BIGINT NOT NULL,
  `durationms` BIGINT NOT NULL DEFAULT 0,
  `attempt` INT NOT NULL DEFAULT 0,
  `state` TINYINT NOT NULL,
  `errcode` INT NOT NULL DEFAULT 0,
  `error` VARCHAR(1000) NOT NULL DEFAULT '',
  `hint` VARCHAR(500) NOT NULL DEFAULT '',
  `updatems` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE KEY `release_check_step` (`pushkey`, `step`),
  KEY `release_check_atms` (`atms`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;

UPDATE `authorizers` SET `istest` = 1, `authtime` = `authtime`, `updatetime` = `updatetime`
WHERE `istest` = 0 AND `appid` IN (
  'wx570bc396a51b8ff8', 'wxd101a85aa106f53e', 'wx9252c5e0bb1836fc', 'wxc39235c15087f6f3', 'wx8e1097c5bc82cde9',
  'wx7720d01d4b2a4500', 'wx14550af28c71a144', 'wx05d483572dcd5d8b', 'wxa35b9c23cfe664eb', 'wx5910277cae6fd970'
);
