<?php
// Ends the whole server, as a power cut would, at a change of its tables: so many later as the file `mortal` says, counted
// through all requests that change something. Does nothing where there is no such file.
$file = __DIR__ . '/mortal';
if (!is_file($file) || in_array($_SERVER['REQUEST_METHOD'] ?? 'GET', ['GET', 'HEAD', 'OPTIONS'])) {
    return;
}
$left = (int) file_get_contents($file);
add_filter('query', function ($query) use (&$left, $file) {
    if (preg_match('/^\s*(INSERT|UPDATE|DELETE|REPLACE)\b/i', $query) && $left-- <= 0) {
        unlink($file);
        posix_kill(getmypid(), SIGKILL);
    }
    return $query;
});
register_shutdown_function(function () use (&$left, $file) {
    file_put_contents($file, $left);
});
