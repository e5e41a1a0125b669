-- A database as the template makes and fills it: three-byte utf8, narrow columns, clocks of the server.
-- {SECRET} is the AppSecret in the template's encryption, {PASSWORD} the administrator's password as
-- the template hashes it.
SET time_zone = '+00:00';
CREATE TABLE wxcallback_component (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT, receivetime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  createtime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, infotype VARCHAR(64) NOT NULL DEFAULT '', postbody TEXT NOT NULL,
  PRIMARY KEY (id), INDEX (receivetime)) ENGINE=InnoDB DEFAULT CHARSET=utf8;
CREATE TABLE wxcallback_biz (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT, receivetime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  createtime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, tousername VARCHAR(64) NOT NULL DEFAULT '',
  appid VARCHAR(64) NOT NULL DEFAULT '', msgtype VARCHAR(64) NOT NULL DEFAULT '', event VARCHAR(64) NOT NULL DEFAULT '',
  postbody TEXT NOT NULL, PRIMARY KEY (id), INDEX (receivetime)) ENGINE=InnoDB DEFAULT CHARSET=utf8;
CREATE TABLE comm (
  `key` VARCHAR(64) NOT NULL, value TEXT NOT NULL, createtime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updatetime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP, PRIMARY KEY (`key`)) ENGINE=InnoDB DEFAULT CHARSET=utf8;
CREATE TABLE user (
  id INT NOT NULL AUTO_INCREMENT, username VARCHAR(32) NOT NULL, password VARCHAR(64) NOT NULL,
  createtime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updatetime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id), UNIQUE KEY user_username_uindex (username)) ENGINE=InnoDB DEFAULT CHARSET=utf8;
CREATE TABLE authorizers (
  id INT NOT NULL AUTO_INCREMENT, appid VARCHAR(32) NOT NULL, apptype INT NOT NULL DEFAULT 0, servicetype INT NOT NULL DEFAULT 0,
  nickname VARCHAR(32) NOT NULL DEFAULT '', username VARCHAR(32) NOT NULL DEFAULT '', headimg VARCHAR(256) NOT NULL DEFAULT '',
  qrcodeurl VARCHAR(256) NOT NULL DEFAULT '', principalname VARCHAR(64) NOT NULL DEFAULT '',
  refreshtoken VARCHAR(128) NOT NULL DEFAULT '', funcinfo VARCHAR(128) NOT NULL DEFAULT '', verifyinfo INT NOT NULL DEFAULT -1,
  authtime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updatetime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id), UNIQUE KEY authorizers_appid_uindex (appid)) ENGINE=InnoDB DEFAULT CHARSET=utf8;
CREATE TABLE wxcallback_rules (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT, name VARCHAR(64) NOT NULL DEFAULT '', infotype VARCHAR(64) NOT NULL DEFAULT '',
  msgtype VARCHAR(64) NOT NULL DEFAULT '', event VARCHAR(64) NOT NULL DEFAULT '', type INT NOT NULL DEFAULT 0,
  open INT NOT NULL DEFAULT 0, info TEXT NOT NULL, createtime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updatetime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id), UNIQUE KEY wxcallback_rules_uindex (infotype, msgtype, event)) ENGINE=InnoDB DEFAULT CHARSET=utf8;
CREATE TABLE wxtoken (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT, type INT NOT NULL DEFAULT 0, appid VARCHAR(128) NOT NULL DEFAULT '', token TEXT NOT NULL,
  expiretime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, createtime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updatetime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id), UNIQUE KEY appid_uindex (appid)) ENGINE=InnoDB DEFAULT CHARSET=utf8;
CREATE TABLE counter (
  id INT UNSIGNED NOT NULL AUTO_INCREMENT, `key` VARCHAR(64) NOT NULL, value INT NOT NULL DEFAULT 0,
  createtime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updatetime TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
  PRIMARY KEY (id), UNIQUE KEY counter_key_uindex (`key`)) ENGINE=InnoDB DEFAULT CHARSET=utf8;
INSERT INTO wxcallback_component (receivetime, createtime, infotype, postbody) VALUES
  ('2024-01-02 03:04:05', '2024-01-02 03:04:04', 'component_verify_ticket', '{"InfoType":"component_verify_ticket"}');
INSERT INTO wxcallback_biz (receivetime, createtime, tousername, appid, msgtype, event, postbody) VALUES
  ('2024-01-02 03:04:06', '2024-01-02 03:04:05', 'gh_old', 'wxold', 'text', '', '{"Content":"旧的"}'),
  ('2024-01-02 03:04:07', '0000-00-00 00:00:00', 'gh_old', 'wxtimeless', 'text', '', '{}');
INSERT INTO comm (`key`, value) VALUES ('ticket', 'ticket@@@old'), ('secret', '{SECRET}'),
  ('authinfo', '{"name":"平台","desc":"说明","redirectUrl":"https://example.com/back"}'), ('proxy', '{"open":false,"port":3000}');
INSERT INTO user (username, password) VALUES ('root', '{PASSWORD}');
INSERT INTO authorizers (appid, apptype, nickname, refreshtoken, funcinfo, verifyinfo, authtime) VALUES
  ('wxold', 1, '名字', 'refreshtoken@@@old', '|1|18|', 0, '2023-05-06 07:08:09');
INSERT INTO wxtoken (type, appid, token, expiretime) VALUES
  (2, '', 'componenttoken@@@old', '2024-01-02 05:04:05'), (1, 'wxold', 'authorizertoken@@@old', '0000-00-00 00:00:00');
INSERT INTO wxcallback_rules (name, infotype, msgtype, event, type, open, info) VALUES
  ('规则', '', 'event', 'subscribe', 1, 1, '{"port":8090,"path":"/x/$APPID$"}');
