CREATE TABLE IF NOT EXISTS `delivery_bundle` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `kinds` TEXT NOT NULL,
  `n` INTEGER NOT NULL,
  `firstgrp` TEXT NOT NULL DEFAULT '',
  `lastgrp` TEXT NOT NULL DEFAULT '',
  `parts` TEXT NOT NULL,
  `createms` INTEGER NOT NULL
);

CREATE INDEX IF NOT EXISTS `delivery_bundle_kinds` ON `delivery_bundle` (`kinds`, `id`, `n`);

CREATE INDEX IF NOT EXISTS `delivery_bundle_groups` ON `delivery_bundle` (`lastgrp`, `firstgrp`);
