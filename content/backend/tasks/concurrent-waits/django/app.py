from django.conf import settings

settings.configure(
    ALLOWED_HOSTS=["127.0.0.1"],
    ROOT_URLCONF=__name__,
    SECRET_KEY="only-for-this-example",
)

# region show
import asyncio

from django.http import JsonResponse
from django.urls import path


async def ask_warehouse(city):
    await asyncio.sleep(1.5)
    return city, len(city) * 10


async def stock(request):
    levels = await asyncio.gather(ask_warehouse("Oslo"), ask_warehouse("Bergen"))
    return JsonResponse(dict(levels))


urlpatterns = [path("stock", stock)]
# endregion show

import json
import time

import django
from django.test import Client

django.setup()
started = time.perf_counter()
answer = Client(SERVER_NAME="127.0.0.1").get("/stock")
at_once = time.perf_counter() - started < 2.9
print(answer.status_code, json.dumps(answer.json()), "at once" if at_once else "one after the other")
