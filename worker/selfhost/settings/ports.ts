/** Ports are chosen before workerd starts: the Worker must know its own address. */
import { createServer } from "node:net";

/** `port` if it is free, any free one for 0. Undefined if it is taken. */
export async function claimPort(host: string, port: number): Promise<number | undefined> {
  const server = createServer();
  return new Promise((resolve, reject) => {
    server.once("error", (error: NodeJS.ErrnoException) => {
      if (error.code === "EADDRINUSE" || error.code === "EACCES") resolve(undefined);
      else reject(error);
    });
    server.listen(port, host, () => {
      const address = server.address();
      const claimed = typeof address === "object" ? address?.port : undefined;
      server.close(() => resolve(claimed));
    });
  });
}
