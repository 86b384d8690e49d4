namespace Kennel.Memory;

/// <summary>
/// Which code lies where. Programs that were started alike have the same code at the same addresses, so what a processor has learned
/// about jumping around in one of them holds in the next: engines keep it by <see cref="Machine.PageTable.CodeLayout"/>.
/// </summary>
public sealed partial class AddressSpace
{
    /// <summary>
    /// Tells the page table which code there may be, if that has changed. Before guest code runs here again: at once while other tasks
    /// run here, else when the task goes back to user mode.
    /// </summary>
    internal void SettleCode()
    {
        if (!_areas.HasNewCode) return;
        _areas.HasNewCode = false;
        Pages.SetCodeLayout(Kernel.CodeLayouts.NumberOf(_areas));
    }

    private void SettleSharedCode()
    {
        if (_users > 1) SettleCode();
    }
}
