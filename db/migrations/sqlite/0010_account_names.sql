CREATE INDEX IF NOT EXISTS `authorizers_status_name` ON `authorizers` (`status`, `nickname`, `id`, `istest`, `apptype`, `appid`, `principalname`);
