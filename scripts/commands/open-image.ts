import { openLayout, parseReference, type ReadImage, Registry, readImage, Session, type Source } from "../oci/index.ts";

interface Options {
  readonly plainHttp?: boolean;
  /** Which image of a folder; the first by default. */
  readonly tag?: string;
}

/** Reads an image where it is: `oci://HOST[:PORT]/NAME:TAG`, or a folder that `meshwright package` wrote. */
export async function openImage(place: string, options: Options): Promise<{ source: Source; image: ReadImage }> {
  const { source, reference } = await open(place, options);
  return { source, image: await readImage(source, reference) };
}

async function open(place: string, { plainHttp = false, tag = "" }: Options): Promise<{ source: Source; reference: string }> {
  if (!place.includes("://")) return { source: openLayout(place), reference: tag };
  const reference = parseReference(place);
  const session = new Session(reference, { plainHttp, actions: "pull" });
  await session.open();
  return { source: new Registry(session), reference: reference.digest ?? reference.tag ?? "" };
}
