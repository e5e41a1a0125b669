CREATE TABLE IF NOT EXISTS `saved_view` (
  `id` INTEGER PRIMARY KEY AUTOINCREMENT,
  `userid` INTEGER NOT NULL,
  `page` TEXT NOT NULL,
  `name` TEXT NOT NULL,
  `query` TEXT NOT NULL DEFAULT '',
  `createms` INTEGER NOT NULL,
  `updatems` INTEGER NOT NULL,
  UNIQUE (`userid`, `page`, `name`)
);
