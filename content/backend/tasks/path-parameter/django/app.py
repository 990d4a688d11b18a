from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only-for-this-example",
)

# region show
from django.http import JsonResponse
from django.urls import path

users = {1: "Ada"}


def show_user(request, id):
    if id not in users:
        return JsonResponse({"error": "no such user"}, status=404)
    return JsonResponse({"id": id, "name": users[id]})


urlpatterns = [path("users/<int:id>", show_user)]
# endregion show

import json
import logging
import sys

import django
from django.test import Client

django.setup()
logging.disable(logging.WARNING)
client = Client(SERVER_NAME="127.0.0.1")
for id in sys.argv[1:] or ["1", "7"]:
    answer = client.get(f"/users/{id}")
    is_json = answer["Content-Type"] == "application/json"
    print(answer.status_code, json.dumps(answer.json()) if is_json else "")
