// What the Node.js clients print: a section for every step, errors as `error SQLSTATE: message` (see ../sections.py).
const waiting = []

/** run(): an async function; refused: the SQLSTATE with which Headgate refuses it by design. */
function step (name, run, refused) {
  waiting.push([name, run, refused])
}

function fail (error) {
  console.log('error ' + (error.code || error.name) + ': ' + error.message + (error.position ? ' at ' + error.position : ''))
}

function show (value) {
  console.log(JSON.stringify(value, (key, v) => {
    if (typeof v === 'bigint') return v + 'n'
    return v && v.type === 'Buffer' ? 'bytes ' + Buffer.from(v.data).toString('hex') : v
  }))
}

async function attempt (promise) {
  try {
    return await promise
  } catch (error) {
    fail(error)
  }
}

/** Runs all steps, one after the other. */
async function main () {
  for (const [name, run, refused] of waiting) {
    console.log('== ' + name + (refused ? ' !' + refused : ''))
    await attempt(run())
  }
}

process.on('uncaughtException', (error) => console.log('uncaught ' + error.stack))
process.on('unhandledRejection', (error) => console.log('unhandled ' + error.stack))

module.exports = { step, attempt, fail, show, main, pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)) }
