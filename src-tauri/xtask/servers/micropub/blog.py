"""Sets the site up in BLOG_DIR with BLOG_TOKEN, and serves it on 127.0.0.1:BLOG_PORT."""

import os
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

os.environ["DJANGO_SETTINGS_MODULE"] = "blog_settings"

import django

django.setup()

from django.contrib.auth import get_user_model
from django.core.management import call_command
from django.core.wsgi import get_wsgi_application
from indieweb.models import Token

SCOPE = "create update delete undelete media"


class Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class Quiet(WSGIRequestHandler):
    def log_message(self, *_):
        pass


def main():
    port = int(os.environ["BLOG_PORT"])
    call_command("migrate", verbosity=0)
    writer, _ = get_user_model().objects.get_or_create(username="writer")
    token = os.environ["BLOG_TOKEN"]
    home = f"http://127.0.0.1:{port}/"
    Token(owner=writer, client_id="https://sampan.example/", me=home, scope=SCOPE, key=token).save()
    application = get_wsgi_application()
    make_server("127.0.0.1", port, application, server_class=Server, handler_class=Quiet).serve_forever()


main()
