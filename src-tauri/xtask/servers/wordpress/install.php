<?php
// Sets the site up and prints an application password for each of its users: `php install.php`, in the site's folder.
define('WP_INSTALLING', true);
$url = parse_url(getenv('WP_URL'));
$_SERVER['HTTP_HOST'] = $url['host'] . ':' . $url['port'];
$_SERVER['SERVER_NAME'] = $url['host'];
$_SERVER['REQUEST_URI'] = '/';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';
$_SERVER['REMOTE_ADDR'] = '127.0.0.1';
require __DIR__ . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter('pre_wp_mail', '__return_true');
wp_install('Sampan test', 'editor', 'editor@example.invalid', true, '', 'only for tests');
wp_insert_user(['user_login' => 'author', 'user_pass' => 'only for tests', 'user_email' => 'author@example.invalid', 'role' => 'author']);
update_option('permalink_structure', '/%postname%/');
update_option('gmt_offset', '8');
flush_rewrite_rules();
foreach (['editor', 'author'] as $name) {
    [$password] = WP_Application_Passwords::create_new_application_password(get_user_by('login', $name)->ID, ['name' => 'Sampan']);
    echo "$name:$password\n";
}
