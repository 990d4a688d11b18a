# region show
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse

app = FastAPI()


@app.get("/", response_class=PlainTextResponse)
def hello():
    return "Hello, world"
# endregion show


from fastapi.testclient import TestClient

client = TestClient(app)
found = client.get("/")
print(found.status_code, found.headers["content-type"].split(";")[0], found.text)
print(client.get("/missing").status_code)
