CREATE TABLE IF NOT EXISTS `work_bundle` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `kinds` TEXT NOT NULL,
  `n` INTEGER NOT NULL,
  `firstgrp` TEXT NOT NULL DEFAULT '',
  `lastgrp` TEXT NOT NULL DEFAULT '',
  `parts` TEXT NOT NULL,
  `createms` INTEGER NOT NULL
);

CREATE INDEX IF NOT EXISTS `work_bundle_kinds` ON `work_bundle` (`kinds`, `id`, `n`);

CREATE INDEX IF NOT EXISTS `work_bundle_groups` ON `work_bundle` (`lastgrp`, `firstgrp`);

DROP INDEX IF EXISTS `work_grp`;

CREATE INDEX IF NOT EXISTS `work_group` ON `work` (`grp`);

DROP INDEX IF EXISTS `work_wkey`;

CREATE INDEX IF NOT EXISTS `work_name` ON `work` (`wkey`) WHERE `wkey` IS NOT NULL;
