# region show
import time

from flask import Flask, g

app = Flask(__name__)


@app.before_request
def start_clock():
    g.started = time.perf_counter()


@app.after_request
def add_timing(response):
    duration = (time.perf_counter() - g.started) * 1000
    response.headers["Server-Timing"] = f"app;dur={duration:.1f}"
    return response


@app.get("/")
def hello():
    return "Hello"
# endregion show


client = app.test_client()
for url in ["/", "/missing"]:
    answer = client.get(url)
    print(answer.status_code, answer.headers["Server-Timing"])
