from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    MIDDLEWARE=[f"{__name__}.timed"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only-for-this-example",
)

# region show
import time

from django.http import HttpResponse
from django.urls import path


# In settings.py: MIDDLEWARE = ["shop.middleware.timed", ...]
def timed(get_response):
    def middleware(request):
        started = time.perf_counter()
        response = get_response(request)
        duration = (time.perf_counter() - started) * 1000
        response["Server-Timing"] = f"app;dur={duration:.1f}"
        return response

    return middleware


def hello(request):
    return HttpResponse("Hello")


urlpatterns = [path("", hello)]
# endregion show

import logging

import django
from django.test import Client

django.setup()
logging.disable(logging.WARNING)
client = Client(SERVER_NAME="127.0.0.1")
for url in ["/", "/missing"]:
    answer = client.get(url)
    print(answer.status_code, answer["Server-Timing"])
