CREATE TABLE IF NOT EXISTS `work_bundle` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `kinds` TEXT NOT NULL,
  `grp` TEXT NOT NULL DEFAULT '',
  `payload` TEXT NOT NULL,
  `createms` INTEGER NOT NULL
);

CREATE INDEX IF NOT EXISTS `work_bundle_kinds` ON `work_bundle` (`kinds`, `id`);

CREATE INDEX IF NOT EXISTS `work_bundle_grp` ON `work_bundle` (`grp`);

DROP INDEX IF EXISTS `work_grp`;

CREATE INDEX IF NOT EXISTS `work_group` ON `work` (`grp`);

DROP INDEX IF EXISTS `work_wkey`;

CREATE INDEX IF NOT EXISTS `work_name` ON `work` (`wkey`) WHERE `wkey` IS NOT NULL;
