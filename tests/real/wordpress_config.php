<?php
// wp-config.php of the WordPress that the tests start: everything that differs from run to run comes
// from the environment.
define('DB_NAME', getenv('WP_DATABASE'));
define('DB_USER', 'root');
define('DB_PASSWORD', '');
define('DB_HOST', 'localhost:' . getenv('WP_SOCKET'));
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
define('WP_HOME', getenv('WP_URL'));
define('WP_SITEURL', getenv('WP_URL'));

define('WP_ENVIRONMENT_TYPE', 'local');  // else application passwords need https
define('DISABLE_WP_CRON', true);
define('WP_HTTP_BLOCK_EXTERNAL', true);  // no test depends on, or calls, another machine
define('AUTOMATIC_UPDATER_DISABLED', true);
define('FS_METHOD', 'direct');

foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define("{$name}_KEY", getenv('WP_SALT'));
    define("{$name}_SALT", getenv('WP_SALT'));
}

$table_prefix = 'wp_';
if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
