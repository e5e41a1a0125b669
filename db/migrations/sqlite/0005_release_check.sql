CREATE TABLE IF NOT EXISTS `release_check` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `pushkey` TEXT NOT NULL,
  `step` TEXT NOT NULL,
  `appid` TEXT NOT NULL DEFAULT '',
  `atms` INTEGER NOT NULL,
  `durationms` INTEGER NOT NULL DEFAULT 0,
  `attempt` INTEGER NOT NULL DEFAULT 0,
  `state` INTEGER NOT NULL,
  `errcode` INTEGER NOT NULL DEFAULT 0,
  `error` TEXT NOT NULL DEFAULT '',
  `hint` TEXT NOT NULL DEFAULT '',
  `updatems` INTEGER NOT NULL
);

CREATE UNIQUE INDEX IF NOT EXISTS `release_check_step` ON `release_check` (`pushkey`, `step`);

CREATE INDEX IF NOT EXISTS `release_check_atms` ON `release_check` (`atms`);

UPDATE `authorizers` SET `istest` = 1, `authtime` = `authtime`, `updatetime` = `updatetime`
WHERE `istest` = 0 AND `appid` IN (
  'wx570bc396a51b8ff8', 'wxd101a85aa106f53e', 'wx9252c5e0bb1836fc', 'wxc39235c15087f6f3', 'wx8e1097c5bc82cde9',
  'wx7720d01d4b2a4500', 'wx14550af28c71a144', 'wx05d483572dcd5d8b', 'wxa35b9c23cfe664eb', 'wx5910277cae6fd970'
);
