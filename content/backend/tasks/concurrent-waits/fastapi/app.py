# region show
import asyncio

from fastapi import FastAPI


async def ask_warehouse(city):
    await asyncio.sleep(1.5)
    return city, len(city) * 10


app = FastAPI()


@app.get("/stock")
async def stock():
    levels = await asyncio.gather(ask_warehouse("Oslo"), ask_warehouse("Bergen"))
    return dict(levels)
# endregion show


import json
import time

from fastapi.testclient import TestClient

client = TestClient(app)
started = time.perf_counter()
answer = client.get("/stock")
at_once = time.perf_counter() - started < 2.9
print(answer.status_code, json.dumps(answer.json()), "at once" if at_once else "one after the other")
