# expect: {"status": "ok", "stdout": {"text": "['a', 'b'] 7\n"}}
import asyncio
async def one(name, delay):
    await asyncio.sleep(delay)
    return name
async def main():
    got = await asyncio.gather(one("a", 0.01), one("b", 0.005))
    print(got, await asyncio.to_thread(lambda: 7))
asyncio.run(main())
