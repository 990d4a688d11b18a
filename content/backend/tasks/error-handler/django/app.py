from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only-for-this-example",
)

# region show
from django.http import JsonResponse
from django.urls import path


def health(request):
    return JsonResponse({"status": "alive"})


def bug(request):
    return None.name


def not_found(request, exception):
    return JsonResponse({"error": "not found"}, status=404)


def internal_error(request):
    return JsonResponse({"error": "internal error"}, status=500)


urlpatterns = [path("health", health), path("bug", bug)]
handler404 = not_found
handler500 = internal_error
# endregion show

import json
import logging

import django
from django.test import Client

django.setup()
logging.disable(logging.CRITICAL)
client = Client(SERVER_NAME="127.0.0.1", raise_request_exception=False)
for url in ["/missing", "/bug", "/health"]:
    answer = client.get(url)
    print(answer.status_code, json.dumps(answer.json()))
