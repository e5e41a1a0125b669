CREATE TABLE IF NOT EXISTS `work_bundle` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `kinds` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `grp` VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  `payload` MEDIUMTEXT NOT NULL,
  `createms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  KEY `work_bundle_kinds` (`kinds`, `id`),
  KEY `work_bundle_grp` (`grp`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
