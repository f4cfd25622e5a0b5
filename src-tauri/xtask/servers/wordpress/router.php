<?php
// For PHP's own server: files as they are, programs by their name, everything else through the front door.
// What each request took, in milliseconds, written when everything else about it is done.
$times = __DIR__ . '/times.log';
register_shutdown_function(fn() => register_shutdown_function(fn() => file_put_contents(
    $times,
    round((microtime(true) - $_SERVER['REQUEST_TIME_FLOAT']) * 1000, 3) . "\n",
    FILE_APPEND,
)));
$path = rawurldecode(parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH));
$file = __DIR__ . $path;
if ($path !== '/' && is_dir($file) && is_file("$file/index.php")) {
    $file = rtrim($file, '/') . '/index.php';
}
if ($path !== '/' && is_file($file)) {
    if (!str_ends_with($file, '.php')) {
        return false;
    }
    chdir(dirname($file));
    require $file;
    return true;
}
$_SERVER['SCRIPT_NAME'] = '/index.php';
$_SERVER['SCRIPT_FILENAME'] = __DIR__ . '/index.php';
$_SERVER['PHP_SELF'] = '/index.php';
require __DIR__ . '/index.php';
