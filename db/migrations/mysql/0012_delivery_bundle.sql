CREATE TABLE IF NOT EXISTS `delivery_bundle` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `kinds` VARCHAR(191) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `n` INT NOT NULL,
  `firstgrp` VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  `lastgrp` VARCHAR(128) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL DEFAULT '',
  `parts` MEDIUMTEXT NOT NULL,
  `createms` BIGINT NOT NULL,
  PRIMARY KEY (`id`),
  KEY `delivery_bundle_kinds` (`kinds`, `id`, `n`),
  KEY `delivery_bundle_groups` (`lastgrp`, `firstgrp`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4;
