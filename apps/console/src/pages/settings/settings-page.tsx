import { Page } from '../../manage/page.tsx';
import { useOffReason } from '../../manage/rights.ts';
import { BrandSection } from './brand-section.tsx';
import { BrowserOriginsSection } from './browser-origins-section.tsx';
import { ConsentsSection } from './consents-section.tsx';
import { NameSection } from './name-section.tsx';
import { ServiceOriginsSection } from './service-origins-section.tsx';
import { StatusSection } from './status-section.tsx';

/** The settings of the workspace, and its state. */
export function SettingsPage() {
  const off = useOffReason('admin');
  return (
    <Page
      title="Settings"
      about="Settings of this workspace. Those of the whole instance are variables of the service, which its operators set."
    >
      {off === undefined ? (
        <div className="flex max-w-4xl flex-col gap-8">
          <NameSection />
          <StatusSection />
          <BrandSection />
          <ConsentsSection />
          <BrowserOriginsSection />
          <ServiceOriginsSection />
        </div>
      ) : (
        <p>{off}</p>
      )}
    </Page>
  );
}
