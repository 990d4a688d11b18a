# region show
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.http import HttpResponse
from django.urls import path

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only-for-this-example",
)


def hello(request):
    return HttpResponse("Hello, world", content_type="text/plain; charset=utf-8")


urlpatterns = [path("", hello)]

application = get_wsgi_application()
# endregion show

import logging

from django.test import Client

logging.disable(logging.WARNING)
client = Client(SERVER_NAME="127.0.0.1")
found = client.get("/")
print(found.status_code, found["Content-Type"].split(";")[0], found.content.decode())
print(client.get("/missing").status_code)
