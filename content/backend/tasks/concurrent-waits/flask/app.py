# region show
import time
from concurrent.futures import ThreadPoolExecutor

from flask import Flask


def ask_warehouse(city):
    time.sleep(1.5)
    return city, len(city) * 10


app = Flask(__name__)


@app.get("/stock")
def stock():
    with ThreadPoolExecutor() as pool:
        return dict(pool.map(ask_warehouse, ["Oslo", "Bergen"]))
# endregion show


import json

app.json.sort_keys = False
started = time.perf_counter()
answer = app.test_client().get("/stock")
at_once = time.perf_counter() - started < 2.9
print(answer.status_code, json.dumps(answer.json), "at once" if at_once else "one after the other")
