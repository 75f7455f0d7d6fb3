define([], function () {
  'use strict';

  // Between two tries, longer each time; a stream that has spoken begins anew.
  const PAUSES_MS = [1000, 2000, 5000, 10000, 30000];
  // The server gives a sign of life every 15 seconds. Without one the connection is dead, whatever the browser thinks.
  const SILENCE_MS = 40000;
  const SECOND_MS = 1000;

  // One open connection to our server, by which it tells of this person's calls: `hear(message)`.
  return function (backend, hear) {
    let source = null;
    let timer = null;
    let callOff = null;
    let tries = 0;
    let isOn = false;

    const drop = () => {
      clearTimeout(timer);
      if (callOff !== null) {
        callOff();
        callOff = null;
      }
      if (source !== null) {
        source.close();
        source = null;
      }
    };

    const later = (milliseconds) => {
      drop();
      timer = setTimeout(open, milliseconds);
    };

    const again = () => {
      const pause = PAUSES_MS[Math.min(tries, PAUSES_MS.length - 1)];
      tries += 1;
      // Not all tabs of a company at once when the server comes back.
      later(pause * (0.5 + Math.random()));
    };

    const listen = () => {
      clearTimeout(timer);
      timer = setTimeout(again, SILENCE_MS);
    };

    const take = (event) => {
      const message = JSON.parse(event.data);
      tries = 0;
      listen();
      if (message.type === 'full') {
        // Newer tabs of this person have taken the places.
        later(PAUSES_MS[PAUSES_MS.length - 1]);
      } else if (message.type !== 'alive') {
        hear(message);
      }
    };

    // The address works once, so every connection asks for one of its own.
    function open() {
      callOff = backend.seat(
        (answer) => {
          callOff = null;
          if (!answer.url) {
            later((answer.after || 600) * SECOND_MS);
            return;
          }
          source = new EventSource(answer.url);
          source.onmessage = take;
          source.onerror = again;
          listen();
        },
        (words, refusal) => {
          callOff = null;
          tries = refusal ? PAUSES_MS.length : tries;
          again();
        },
      );
    }

    return {
      start: () => {
        if (!isOn) {
          isOn = true;
          tries = 0;
          open();
        }
      },
      stop: () => {
        isOn = false;
        drop();
      },
    };
  };
});
