# region show
import time

from fastapi import FastAPI, Request

app = FastAPI()


@app.middleware("http")
async def timed(request: Request, call_next):
    started = time.perf_counter()
    response = await call_next(request)
    duration = (time.perf_counter() - started) * 1000
    response.headers["Server-Timing"] = f"app;dur={duration:.1f}"
    return response


@app.get("/")
def hello():
    return "Hello"
# endregion show


from fastapi.testclient import TestClient

client = TestClient(app)
for url in ["/", "/missing"]:
    answer = client.get(url)
    print(answer.status_code, answer.headers["server-timing"])
