import { Agent, get } from 'node:http'
import { parentPort, workerData } from 'node:worker_threads'

/** What Prometheus sends. */
const headers = { accept: 'application/openmetrics-text;version=1.0.0', 'accept-encoding': 'gzip' }
const { url, warmUp, scrapes, atOnce } = workerData as {
  url: string
  warmUp: number
  scrapes: number
  atOnce: number
}
const agent = new Agent({ keepAlive: true })

function scrapeMs(): Promise<number> {
  const start = performance.now()
  return new Promise((resolve, reject) => {
    get(url, { agent, headers }, (response) => {
      if (response.statusCode !== 200) reject(new Error(`status ${response.statusCode}`))
      response.on('end', () => resolve(performance.now() - start)).resume()
    }).on('error', reject)
  })
}

async function scraper(count: number): Promise<number[]> {
  const timesMs: number[] = []
  for (let scrape = 0; scrape < count; scrape += 1) timesMs.push(await scrapeMs())
  return timesMs
}

await scraper(warmUp)
const timesMs = await Promise.all(Array.from({ length: atOnce }, () => scraper(Math.ceil(scrapes / atOnce))))
agent.destroy()
parentPort?.postMessage(timesMs.flat())
