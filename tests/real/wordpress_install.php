<?php
// Installs WordPress into an empty database, adds its users, and prints their application passwords as JSON.
// Usage: php wordpress_install.php ROOT ROLE=NAME...   (ROOT: the folder that holds wp-load.php)
define('WP_INSTALLING', true);
[, $root] = $argv;
require "$root/wp-load.php";
require ABSPATH . 'wp-admin/includes/upgrade.php';

wp_install('Trang thử', 'quan-tri', 'quan-tri@example.gov.vn', false, '', wp_generate_password());
update_option('timezone_string', 'Asia/Ho_Chi_Minh');
update_option('permalink_structure', '/%postname%/');
$GLOBALS['wp_rewrite']->init();
flush_rewrite_rules(false);

$passwords = [];
foreach (array_slice($argv, 2) as $account) {
    [$role, $name] = explode('=', $account, 2);
    $user = wp_insert_user([
        'user_login' => $name,
        'user_email' => "$name@example.gov.vn",
        'user_pass' => wp_generate_password(),
        'role' => $role,
    ]);
    if (is_wp_error($user)) {
        exit("No user $name: " . $user->get_error_message());
    }
    $made = WP_Application_Passwords::create_new_application_password($user, ['name' => 'Publisher']);
    if (is_wp_error($made)) {
        exit("No password for $name: " . $made->get_error_message());
    }
    $passwords[$name] = $made[0];
}
echo json_encode($passwords);
