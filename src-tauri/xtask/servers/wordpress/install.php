<?php
// Sets the site up and prints an application password for each of its users: `php install.php`, in the site's folder.
define('WP_INSTALLING', true);
$url = parse_url(getenv('WP_URL'));
$_SERVER['HTTP_HOST'] = $url['host'] . ':' . $url['port'];
$_SERVER['SERVER_NAME'] = $url['host'];
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
$socket = getenv('WP_DATABASE');
if ($socket) {
    // It may have just begun.
    mysqli_report(MYSQLI_REPORT_OFF);
    for ($tries = 0; !($database = @mysqli_connect('localhost', 'root', '', '', 0, $socket)) && $tries < 300; $tries++) {
        usleep(100000);
    }
    mysqli_query($database, 'CREATE DATABASE wp CHARACTER SET utf8mb4');
}
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter('pre_wp_mail', '__return_true');
wp_install('Sampan test', 'editor', 'editor@example.invalid', true, '', 'only for tests');
foreach (['author', 'contributor'] as $role) {
    wp_insert_user(['user_login' => $role, 'user_pass' => 'only for tests', 'user_email' => "$role@example.invalid", 'role' => $role]);
}
update_option('permalink_structure', '/%postname%/');
update_option('gmt_offset', $socket ? '5.5' : '8');
flush_rewrite_rules();
foreach (['editor', 'author', 'contributor'] as $name) {
    [$password] = WP_Application_Passwords::create_new_application_password(get_user_by('login', $name)->ID, ['name' => 'Tests']);
    echo "$name:$password\n";
}
if ($socket) {
    // As sites were made before 2015, which cannot hold every letter.
    foreach ($wpdb->tables() as $table) {
        $wpdb->query("ALTER TABLE $table CONVERT TO CHARACTER SET utf8mb3");
    }
}
