// What the user set about planning memory.
import * as vscode from 'vscode';
import { deviceNamed, readDevices } from '../app/plan/plannerSettings.ts';
import type { PlannerSettings } from '../app/plan/plannerService.ts';
import { readSettings } from './engineSettings.ts';
import { SETTINGS } from './ids.ts';

export function readPlannerSettings(): PlannerSettings {
  const settings = vscode.workspace.getConfiguration();
  const name = settings.get<unknown>(SETTINGS.plannerDevice);
  return {
    ownDevices: readDevices(settings.get<unknown>(SETTINGS.plannerDevices)),
    defaultDevice: typeof name === 'string' ? name : '',
    compute: readSettings().device,
  };
}

/** The device that headers speak of; null: none in particular. */
export function readPlanDevice(): ReturnType<typeof deviceNamed> {
  const { defaultDevice, ownDevices } = readPlannerSettings();
  return deviceNamed(defaultDevice, ownDevices);
}

export const affectsPlanner = (event: vscode.ConfigurationChangeEvent): boolean =>
  [SETTINGS.plannerDevice, SETTINGS.plannerDevices].some((name) => event.affectsConfiguration(name));

export const writeDefaultDevice = async (name: string | null): Promise<void> =>
  vscode.workspace.getConfiguration().update(SETTINGS.plannerDevice, name ?? undefined, true);
