import { checkLabelName } from '../model/index.ts';
import { field, list, mapOf, object, type ObjectSchema, type Schema, string } from '../schema/index.ts';

/** A written-out group of targets: addresses and the labels they share. Also the shape of file and HTTP discovery's documents. */
export interface TargetGroupConfig {
  readonly targets: readonly string[];
  readonly labels: ReadonlyMap<string, string>;
}

/** One entry of `static_configs`, and of the documents of file discovery. */
export const targetGroupConfigSchema: ObjectSchema<TargetGroupConfig> = object<TargetGroupConfig>({
  name: 'target group',
  fields: {
    targets: field('targets', list(string()), { isAlwaysPrinted: true }),
    labels: field('labels', mapOf(string(), { checkKey: checkLabelName })),
  },
});

/** A document of file discovery. */
export const targetGroupsSchema: Schema<TargetGroupConfig[]> = list(targetGroupConfigSchema, {
  nullItem: 'nil target group item found',
});
