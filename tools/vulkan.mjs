// A Vulkan device for the test of the GPU path: a card's driver, or Mesa's software device.
import { existsSync, readdirSync } from 'node:fs';
import { aptInstall, canInstall } from './debian.mjs';

const DRIVERS = ['/usr/share/vulkan/icd.d', '/etc/vulkan/icd.d', '/usr/local/share/vulkan/icd.d'];

const hasDriver = () => DRIVERS.some((folder) => existsSync(folder) && readdirSync(folder).length > 0);

/**
 * Installs the software device where there is no driver and Debian's package manager can. Without one the test says that the
 * GPU path was not exercised. @returns {string} what is there, for the log
 */
export function ensureVulkan() {
  if (process.platform !== 'linux') return 'the driver of this system, if it has one';
  if (!hasDriver() && canInstall()) {
    console.log('  There is no Vulkan driver: installing the software device of Mesa with apt-get.');
    aptInstall('libvulkan1', 'mesa-vulkan-drivers');
  }
  if (hasDriver()) return 'a Vulkan driver is installed';
  return 'no Vulkan driver (Debian: mesa-vulkan-drivers): the GPU path will not be exercised';
}
