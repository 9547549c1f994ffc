import * as z from 'zod'

/*
 * What BoAmps asks of a task that no meter knows, as a person writes it down: the keys of its published schemas
 * (https://github.com/Boavizta/BoAmps/tree/main/model), without those that the agent and the machine tell.
 */

const text = z.string('a text').min(1, 'a text')
const count = z.number('a number').min(0, 'a number that is not negative')
const ratio = z.number('a number from 0 to 1').min(0, 'a number from 0 to 1').max(1, 'a number from 0 to 1')
const word = <Word extends string>(...words: readonly Word[]) => z.enum(words, `one of ${words.join(', ')}`)
const group = <Shape extends z.ZodRawShape>(shape: Shape) => z.strictObject(shape, 'a mapping')
const some = <Item extends z.ZodType>(item: Item) => z.array(item, 'a list').min(1, 'a list that is not empty')

/** Of files. */
const FORMATS =
  `3gp 3gpp 3gpp2 8svx aa aac aax act afdesign afphoto ai aiff alac amr amv ape arrow asf au avi avif awb bmp bpg
  cd5 cda cdr cgm clip cpt csv deep dirac divx drawingml drw dss dvf ecw eps fits flac flif flv flvf4v gem gerber gif gle gsm
  heif hp-gl html hvif ico iklax ilbm img ivs jpeg json kra lottie m4a m4b m4p m4v mathml matroska mdp mmf movpkg mp3 mpc
  mpeg1 mpeg2 mpeg4 msv mxf naplps netpbm nmf nrrd nsv odg ods ogg opus pam parquet pbm pcx pdf pdn pgf pgm pgml pict plbm
  png pnm postscript ppm psd psp pstricks qcc quicktime ra raw realmedia regis rf64 roq sai sgi sid sql sln svg svi swf text
  tga tiff tinyvg tta vicar vivoactive vml vob voc vox wav webm webp wma wmf wmv wv xaml xar xcf xisf xls xlsx xml xps yaml
  other`.split(/\s+/)

const algorithm = group({
  trainingType: text,
  algorithmType: text,
  algorithmName: text,
  algorithmUri: text,
  foundationModelName: text,
  foundationModelUri: text,
  parametersNumber: count,
  framework: text,
  frameworkVersion: text,
  classPath: text,
  layersNumber: count,
  epochsNumber: count,
  optimizer: text,
  quantization: text,
}).partial()

const dataset = group({
  dataUsage: word('input', 'output'),
  dataType: word('tabular', 'audio', 'boolean', 'image', 'video', 'object', 'text', 'token', 'word', 'other'),
  dataFormat: z.enum(FORMATS, 'a format of files that BoAmps names, or other').optional(),
  dataSize: count.optional(),
  dataQuantity: count.optional(),
  shape: text.optional(),
  source: word('public', 'private', 'other').optional(),
  sourceUri: text.optional(),
  owner: text.optional(),
})

const publisher = group({
  confidentialityLevel: word('public', 'internal', 'confidential', 'secret'),
  name: text.optional(),
  division: text.optional(),
  projectName: text.optional(),
  publicKey: text.optional(),
})

export const factsSchema = group({
  header: group({ licensing: text.optional(), publisher: publisher.optional() }).optional(),
  task: group({
    taskStage: text,
    taskFamily: text,
    nbRequest: count.optional(),
    algorithms: some(algorithm),
    dataset: some(dataset),
    measuredAccuracy: ratio.optional(),
    estimatedAccuracy: word('veryPoor', 'poor', 'average', 'good', 'veryGood').optional(),
    taskDescription: text.optional(),
  }),
  software: group({ language: text, version: text.optional() }).optional(),
  infrastructure: group({
    infraType: word('publicCloud', 'privateCloud', 'onPremise', 'other'),
    cloudProvider: text.optional(),
    cloudInstance: text.optional(),
    cloudService: text.optional(),
  }),
  environment: group({
    country: text,
    latitude: z.number('a number').optional(),
    longitude: z.number('a number').optional(),
    location: text.optional(),
    powerSupplierType: word('public', 'private', 'internal', 'other').optional(),
    powerSource: word('solar', 'wind', 'nuclear', 'hydroelectric', 'gas', 'coal', 'other').optional(),
  }).optional(),
})

export type BoampsFacts = z.infer<typeof factsSchema>
